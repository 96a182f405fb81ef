import type { Demo } from '../../shared/domain/demo.ts'
import { requireOwn } from '../access/requireOwn.ts'
import type { CommandHandlers, StreamHandlers } from '../router/router.ts'
import type { Director } from './director.ts'
import type { DemoEngines } from './engine/createDemoEngine.ts'

type DemoCommand = Extract<keyof CommandHandlers, `demo.${string}`>

export interface DemoHandlers {
  readonly commandHandlers: Pick<CommandHandlers, DemoCommand>
  readonly streamHandlers: Pick<StreamHandlers, 'demo.follow'>
}

export function demoHandlers(director: Director, engine: Pick<DemoEngines, 'install' | 'look'>): DemoHandlers {
  const after = async (action: unknown): Promise<Demo> => {
    await action
    return director.view()
  }
  return {
    commandHandlers: {
      'demo.show': () => after(engine.look()),
      'demo.start': ({ speed }) => after(director.start(speed)),
      'demo.pace': (change) => after(director.pace(change)),
      'demo.change': ({ trigger, ...change }) => after(director.change(trigger, change)),
      'demo.fire': ({ trigger }) => after(director.fire(trigger)),
      'demo.goOn': () => after(director.goOn()),
      'demo.reset': () => after(director.reset()),
      'demo.install': () => after(engine.install()),
      'demo.turn': ({ agentId, lead }, caller) => {
        requireOwn(agentId, caller, 'turn')
        return director.turn(agentId, lead)
      },
    },
    streamHandlers: {
      'demo.follow': (_input, _caller, sink) => {
        sink.push(director.view())
        return { close: director.follow(() => sink.push(director.view())) }
      },
    },
  }
}
