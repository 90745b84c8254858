// main.tsx: the page starts here.
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import { App } from "./app";

render(<App />, document.body);
