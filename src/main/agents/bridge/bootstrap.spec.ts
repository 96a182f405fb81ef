import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AGENT, BOOTSTRAP, createTestBridge, type PythonOptions, type TestBridge } from './testBridge.ts'

let room: TestBridge
beforeEach(async () => {
  room = await createTestBridge({ appliedMs: 20_000 })
})
afterEach(async () => {
  await room.close()
  expect(room.defects).toEqual([])
})

const OLD = { environment: { INVENTED_KEY: 'invented-value-1' } }
const NEW = { INVENTED_KEY: 'invented-value-2', INVENTED_OTHER: 'invented-other-2' }
const SHOW = 'print(os.environ.get("INVENTED_KEY"), flush=True)'
/** Shows its key at once, and again for each line that it is told. */
const PATIENT = `import os, sys\n${SHOW}\nfor line in sys.stdin:\n    ${SHOW}`

function endedWell(output: string) {
  return { code: 0, signal: null, errors: '', output }
}

async function rotatedUnder(text: string, options: PythonOptions = {}, processes = 1) {
  const agent = room.python(text, { ...OLD, ...options })
  await room.greeted(processes)
  expect(await agent.lines(1)).toEqual(['invented-value-1'])
  const outcome = await room.rotate(NEW)
  return { agent, outcome }
}

describe('the bootstrap in a Python process', () => {
  it('puts new values into its environment, in its main thread, by the signal that it has asked for', async () => {
    const { agent, outcome } = await rotatedUnder(PATIENT)
    expect(outcome).toBe('applied')
    expect(room.signalled).toEqual([agent.process.pid])
    agent.say('again')
    expect((await agent.lines(2))[1]).toBe('invented-value-2')
    expect(await room.rotate({ ...NEW, INVENTED_KEY: 'invented-value-3' })).toBe('applied')
    agent.say('again')
    agent.process.stdin?.end()
    expect(await agent.over).toEqual(endedWell('invented-value-1\ninvented-value-2\ninvented-value-3\n'))
  })

  it('starts no thread, and leaves the low file descriptors and the path to the program', async () => {
    const text = 'import os, sys, threading; print(threading.active_count(), os.open("/dev/null", 0), [p for p in sys.path if "bootstrap" in p])'
    expect(await room.python(text).over).toEqual(endedWell('1 3 []\n'))
  })

  it('gets what was superseded before it came', async () => {
    room.generation = 2
    room.secrets = NEW
    const agent = room.python(`import os, time\nwhile os.environ["INVENTED_KEY"] == "invented-value-1": time.sleep(0.01)\n${SHOW}`, OLD)
    expect(await agent.over).toEqual(endedWell('invented-value-2\n'))
  })

  it('leaves what the program itself has changed', async () => {
    const { agent } = await rotatedUnder(PATIENT.replace('for', 'os.environ["INVENTED_KEY"] = "own"\nos.environ.pop("INVENTED_OTHER", None)\nfor'))
    agent.say('again')
    expect((await agent.lines(2))[1]).toBe('own')
  })

  it('works under asyncio', async () => {
    const text = `
import asyncio, os, sys
async def main():
    print(os.environ["INVENTED_KEY"], flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    ticks = 0
    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1
    task = asyncio.create_task(tick())
    await reader.readline()
    before = ticks
    await asyncio.sleep(0.1)
    print(os.environ["INVENTED_KEY"], ticks > before)
    task.cancel()
asyncio.run(main())`
    const { agent, outcome } = await rotatedUnder(text)
    expect(outcome).toBe('applied')
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\ninvented-value-2 True\n'))
  })

  it('interrupts no sleep, no read and no call of the program', async () => {
    const text = `import os, subprocess\n${SHOW}\nprint(subprocess.run(["sh", "-c", "read line; exit 7"]).returncode)\n${SHOW}`
    const { agent, outcome } = await rotatedUnder(text)
    expect(outcome).toBe('applied')
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\n7\ninvented-value-2\n'))
  })

  it.each([
    ['signal.signal', 'import signal; signal.signal(signal.SIGUSR1, lambda *_: print("mine", flush=True))'],
    ['signal.signal by name', 'from signal import signal, SIGUSR1; signal(SIGUSR1, lambda *_: print("mine", flush=True))'],
    ['the default action', 'import signal; signal.signal(signal.SIGUSR1, signal.SIG_DFL)'],
    ['nothing but ignoring', 'import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)'],
    ['faulthandler', 'import faulthandler, signal; faulthandler.register(signal.SIGUSR1)'],
  ])('never signals a program that has the signal for itself, and applies all the same: %s', async (_what, own) => {
    const { agent, outcome } = await rotatedUnder(PATIENT.replace('import os, sys', `import os, sys\n${own}`))
    expect(outcome).toBe('applied')
    expect(room.signalled).toEqual([])
    agent.say('again')
    agent.process.stdin?.end()
    expect(await agent.over).toEqual(endedWell('invented-value-1\ninvented-value-2\n'))
  })

  it('leaves the signal to an event loop that takes it', async () => {
    const text = `
import asyncio, os, signal, sys
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: print("mine", flush=True))
    print(os.environ["INVENTED_KEY"], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    print(os.environ["INVENTED_KEY"], flush=True)
asyncio.run(main())`
    const { agent, outcome } = await rotatedUnder(text)
    expect(outcome).toBe('applied')
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\ninvented-value-2\n'))
    expect(room.signalled).toEqual([])
  })

  it('never signals a program that waits for the signal in a way of its own', async () => {
    await room.close()
    room = await createTestBridge({ appliedMs: 50 })
    const text = `import os, signal, sys\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})\n${SHOW}\nsys.stdin.readline()\nprint(signal.sigpending())`
    const { agent, outcome } = await rotatedUnder(text)
    expect(outcome).toBe('told')
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\nset()\n'))
  })

  it('goes into forked children, which are told for themselves', async () => {
    const text = `
import os, sys
ready, told = os.pipe()
child = os.fork()
if child == 0:
    os.read(ready, 1)
    print("child", os.environ["INVENTED_KEY"], flush=True)
    os._exit(0)
${SHOW}
sys.stdin.readline()
os.write(told, b"x")
os.waitpid(child, 0)
print("parent", os.environ["INVENTED_KEY"])`
    const { agent, outcome } = await rotatedUnder(text, {}, 2)
    expect(outcome).toBe('applied')
    expect(room.signalled).toHaveLength(2)
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\nchild invented-value-2\nparent invented-value-2\n'))
  })

  it('is not asked for any more by a program that has replaced it', async () => {
    const agent = room.python('import os; os.execvp("sh", ["sh", "-c", "echo $INVENTED_KEY; read line; echo $INVENTED_KEY"])', OLD)
    await agent.lines(1)
    expect(await room.rotate(NEW)).not.toBe('applied')
    expect(room.signalled).toEqual([])
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\ninvented-value-1\n'))
  })

  it('waits for a program that is busy in C', async () => {
    const text = `import os, sys\n${SHOW}\nprint(sum(range(60_000_000)) > 0)\n${SHOW}`
    const { agent, outcome } = await rotatedUnder(text)
    expect(outcome).toBe('applied')
    expect(await agent.over).toEqual(endedWell('invented-value-1\nTrue\ninvented-value-2\n'))
  })

  it('touches nothing of a daemon that has closed every descriptor', async () => {
    await room.close()
    room = await createTestBridge({ appliedMs: 50 })
    const text = `
import os, signal, sys, tempfile
os.closerange(3, 4096)
file = tempfile.TemporaryFile()
for number in range(100, 110): os.dup2(file.fileno(), number)
${SHOW}
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGUSR1)
print(os.fstat(file.fileno()).st_size, os.fstat(100).st_size)`
    const { agent } = await rotatedUnder(text)
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\n0 0\n'))
  })

  it('does nothing in a program that ends at once', async () => {
    for (let i = 0; i < 3; i++) expect(await room.python('').over).toEqual(endedWell(''))
    expect(await room.python('raise SystemExit(3)').over).toMatchObject({ code: 3, errors: '' })
    expect(await room.python('import os; os._exit(4)').over).toMatchObject({ code: 4, errors: '' })
  })

  it('is harmless where the room is gone, before and after', async () => {
    const agent = room.python(`${PATIENT}\nimport signal\nos.kill(os.getpid(), signal.SIGUSR1)\n${SHOW}`, OLD)
    await agent.lines(1)
    await room.greeted(1)
    await room.bridge.close()
    agent.process.stdin?.end()
    expect(await agent.over).toEqual(endedWell('invented-value-1\ninvented-value-1\n'))
    const late = room.python('import signal; print(signal.getsignal(signal.SIGUSR1).name)', OLD)
    expect(await late.over).toEqual(endedWell('SIG_DFL\n'))
  })

  it.each([['-S'], ['-I'], ['-E']])('is not there under %s, and such an agent is never signalled', async (flag) => {
    const { agent, outcome } = await rotatedUnder(PATIENT, { flags: [flag] }, 0)
    expect(outcome).toBe('unreachable')
    expect(room.signalled).toEqual([])
    agent.process.stdin?.end()
    expect(await agent.over).toEqual(endedWell('invented-value-1\n'))
  })

  it('comes with whatever the agent starts', async () => {
    const text = `import os, subprocess, sys\n${SHOW}\nsubprocess.run([sys.executable, "-c", sys.argv[-1] if False else "import os, sys; sys.stdin.readline(); ${SHOW.replaceAll('"', '\\"')}"])\n${SHOW}`
    const agent = room.python(text, OLD)
    await agent.lines(1)
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\ninvented-value-1\ninvented-value-1\n'))
  })
})

describe('a user with a sitecustomize', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'iron-cage-site-'))
    await mkdir(join(folder, 'other'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const withFolder = (): PythonOptions => ({ environment: { ...OLD.environment, PYTHONPATH: BOOTSTRAP + delimiter + folder } })

  it('has it first, and under its name', async () => {
    await writeFile(join(folder, 'sitecustomize.py'), 'import builtins, os\nbuiltins.invented = os.environ["INVENTED_KEY"]\nmine = True\n')
    const { agent, outcome } = await rotatedUnder(`import sitecustomize\nassert sitecustomize.mine\nimport os, sys\nprint(invented)\nsys.stdin.readline()\n${SHOW}`, withFolder())
    expect(outcome).toBe('applied')
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\ninvented-value-2\n'))
  })

  it('that takes the signal, has it', async () => {
    await writeFile(join(folder, 'sitecustomize.py'), 'import signal\nsignal.signal(signal.SIGUSR1, lambda *_: print("mine"))\n')
    const { outcome } = await rotatedUnder(PATIENT, withFolder())
    expect(outcome).toBe('applied')
    expect(room.bridge.handlesSignal(AGENT)).toBe(false)
  })

  it('that is broken, hears of it as ever, and we are there', async () => {
    await writeFile(join(folder, 'sitecustomize.py'), 'raise ValueError("invented")\n')
    const agent = room.python('print("on")', withFolder())
    const { code, output, errors } = await agent.over
    expect([code, output]).toEqual([0, 'on\n'])
    expect(errors).toContain('invented')
  })
})

describe('a program with its own handler that forks', () => {
  it('hears nothing of our thread', async () => {
    const text = `
import os, signal, sys, warnings
warnings.simplefilter("error")
signal.signal(signal.SIGUSR1, lambda *_: None)
${SHOW}
for _ in range(20):
    child = os.fork()
    if child == 0: os._exit(0)
    os.waitpid(child, 0)
print("forked", flush=True)
sys.stdin.readline()
${SHOW}`
    const agent = room.python(text, OLD)
    await room.greeted(1)
    await agent.lines(2)
    expect(await room.rotate(NEW)).toBe('applied')
    agent.say('go')
    expect(await agent.over).toEqual(endedWell('invented-value-1\nforked\ninvented-value-2\n'))
  })
})
