// The node is killed at every step of a configuration's and a model's life.
import { bundledLives } from './bundle-lives.js';
import { STATE_STEPS } from './named-steps.js';
import { testSteps } from './run-steps.js';

testSteps(STATE_STEPS, bundledLives());
