import { render } from 'preact';
import { App } from './app.tsx';
import { listenToKeyboard } from './keyboard.ts';
import './styles/base.css';
import './styles/phone.css';
import './styles/panels.css';
import './styles/motion.css';

listenToKeyboard();
const place = document.getElementById('page');
if (place !== null) render(<App />, place);
