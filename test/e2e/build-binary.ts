// Builds the binary once before the end-to-end tests: they start real processes.
import { execFileSync } from 'node:child_process';

export default (): void => {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
};
