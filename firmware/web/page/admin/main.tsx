import { render } from 'preact';
import '../styles/base.css';
import '../styles/panels.css';
import './admin.css';
import { enter } from './actions.ts';
import { AdminApp } from './app.tsx';

const place = document.getElementById('page');
if (place !== null) render(<AdminApp />, place);
void enter();
