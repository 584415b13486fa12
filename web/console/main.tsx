// Starts the console's page.
import '../schemas-without-eval.js';
import '../look/look.css';
import { render } from 'preact';
import { followTheme } from '../look/theme.js';
import { ConsolePage } from './shell/console-page.js';
import { followAddress } from './shell/current-route.js';
import { watchAddress } from './shell/held-token.js';

followTheme();
watchAddress();
followAddress();

const page = document.getElementById('page');
if (page === null) throw new Error('index.html has no element with the id "page"');
render(<ConsolePage />, page);
