import { AppError } from '../../shared/errors.ts'

/** What the system or an interpreter acts on before a program's first line: a value from a file of somebody else must not become that. */
const ACTED_ON =
  /^(?:PATH|HOME|SHELL|IFS|ENV|BASH_ENV|PROMPT_COMMAND|LD_\w+|DYLD_\w+|GCONV_PATH|PYTHON(?:PATH|HOME|STARTUP|INSPECT|BREAKPOINT|PLATLIBDIR|EXECUTABLE|WARNINGS|USERBASE)|NODE_(?:OPTIONS|PATH)|PERL5(?:OPT|LIB|DB)|RUBY(?:OPT|LIB)|(?:JAVA_TOOL|JDK_JAVA)_OPTIONS|_JAVA_OPTIONS|GIT_\w+|COMSPEC|PATHEXT|SYSTEMROOT)$/i
/** What the room says itself to every run. */
const SAID_BY_US = /^(?:OPENAI_BASE_URL|OPENAI_API_BASE|ANTHROPIC_BASE_URL|NO_PROXY)$/i

/** Throws where a secret of this name could do harm as a variable, or would never arrive. */
export function requireHarmlessName(name: string): void {
  if (ACTED_ON.test(name)) throw new AppError('INVALID_INPUT', `${name} cannot be a secret: the system or an interpreter acts on a variable of that name before an agent’s first line. Say it as a variable of the launch.`)
  if (SAID_BY_US.test(name)) throw new AppError('INVALID_INPUT', `${name} cannot be a secret: the room gives every run its own. Say the upstream as a setting of the launch.`)
}
