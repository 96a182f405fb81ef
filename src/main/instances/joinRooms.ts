import type { AgentId } from '../../shared/domain/agent.ts'
import type { EventBus } from '../events/bus.ts'
import type { Router } from '../router/router.ts'
import type { RoomKeys } from '../secrets/roomKeys.ts'
import { createInstanceLine } from '../state/redis/instanceLine.ts'
import type { Instances } from '../state/repositories.ts'
import { createAskInstances, type AskInstancesOptions } from './askInstances.ts'
import { createCaretaker, type CaretakerOptions } from './caretaker.ts'
import { createHearOthers, type HearOthersOptions } from './hearOthers.ts'
import { createSharedRouter } from './sharedRouter.ts'

export interface JoinRoomsOptions extends Pick<AskInstancesOptions, 'random'>, Pick<CaretakerOptions, 'ledger' | 'budgets' | 'onFailure'>, Omit<HearOthersOptions, 'onDefect'> {
  readonly url: string
  readonly instances: Instances
  readonly keys: RoomKeys
  readonly bus: Pick<EventBus, 'announce' | 'hearOthers'>
  readonly router: Router
  readonly isOwn: (agentId: AgentId) => boolean
  readonly onDefect: (defect: unknown, where: string) => string
  /** As onDefect, silent about servers that are away: their connections tell of that. */
  readonly onOddity: (defect: unknown, where: string) => unknown
}

export interface JoinedRooms {
  /** This room's commands, for the agents of all. */
  readonly router: Router
  close(): Promise<void>
}

/** This room takes its place among those that share its state. */
export async function joinRooms(rooms: JoinRoomsOptions): Promise<JoinedRooms> {
  const { url, instances, keys, bus, router, isOwn, clock, random, stage, safety, runSecrets, ledger, budgets, onFailure, onDefect, onOddity } = rooms
  const asking = await createAskInstances({
    own: instances.own,
    clock,
    random,
    key: () => keys.derive('instances'),
    openLine: (hear) => createInstanceLine({ url, group: instances.group, own: instances.own, clock, hear }),
    request: router.request,
    onDefect,
  })
  const caretaker = createCaretaker({
    instances,
    ledger,
    budgets,
    announce: (announcement) => bus.announce(announcement),
    clock,
    alsoLook: () => Promise.all([stage.lookAgain(), safety.lookAgain()]),
    onFailure,
    onDefect,
  })
  const close = async (): Promise<void> => {
    await caretaker.stop()
    await asking.close()
  }
  try {
    await caretaker.look()
  } catch (problem) {
    await close()
    throw problem
  }
  const stopHearing = bus.hearOthers(createHearOthers({ stage, safety, runSecrets, clock, onDefect: onOddity }))
  return {
    router: createSharedRouter({ router, instances, asking, isOwn, onDefect }),
    async close() {
      stopHearing()
      await close()
    },
  }
}
