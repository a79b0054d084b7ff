// The programs under test: started when the first journey asks for one, ended with this process.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PATIENCE = 90_000;

export class House {
  /**
   * `command` is the program with its arguments, `url` where it will listen; `post` and `password` open it, if anything
   * is asked for; `claims` are the addresses behind the buttons of its mails.
   */
  constructor({ command, url, post, password, claims }) {
    Object.assign(this, { command, url, post, password, claims, said: [] });
  }

  /** Resolves when its pages answer and the newest counts have been judged. */
  async start() {
    const [program, ...args] = this.command;
    this.child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(this.failure('it did not start in time')), PATIENCE);
      createInterface({ input: this.child.stderr }).on('line', (line) => {
        this.said.push(line);
        if (line.includes('guanlan is running')) {
          clearTimeout(late);
          resolve();
        }
      });
      this.child.on('exit', (code) => reject(this.failure(`it ended with ${code}`)));
      this.child.on('error', reject);
    });
  }

  failure(what) {
    return new Error(`${this.command.join(' ')}: ${what}\n${this.said.join('\n')}`);
  }

  end() {
    this.child?.kill('SIGKILL');
  }
}
