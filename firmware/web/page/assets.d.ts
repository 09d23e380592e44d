/** What Vite makes of imports that are not TypeScript. */
declare module '*.css';
/** Bundled as a file of its own; the value is its address. */
declare module '*?worker&url' {
  const address: string;
  export default address;
}
