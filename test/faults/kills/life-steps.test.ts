// The node is killed at every step of its own start, its session and its reports.
import { bundledLives } from './bundle-lives.js';
import { LIFE_STEPS } from './named-steps.js';
import { testSteps } from './run-steps.js';

testSteps(LIFE_STEPS, bundledLives());
