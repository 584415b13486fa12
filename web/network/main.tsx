// Starts the network's page.
import '../schemas-without-eval.js';
import '../look/look.css';
import './shell/network.css';
import { render } from 'preact';
import { followAddress } from '../console/shell/current-route.js';
import { watchAddress } from '../console/shell/held-token.js';
import { followTheme } from '../look/theme.js';
import { NetworkPage } from './shell/network-page.js';

followTheme();
watchAddress();
followAddress();

const page = document.getElementById('page');
if (page === null) throw new Error('index.html has no element with the id "page"');
render(<NetworkPage />, page);
