// The node is killed at every step of a job's life.
import { bundledLives } from './bundle-lives.js';
import { JOB_STEPS } from './named-steps.js';
import { testSteps } from './run-steps.js';

testSteps(JOB_STEPS, bundledLives());
