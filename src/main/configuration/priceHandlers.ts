import { actorOf } from '../access/actorOf.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { PriceDesk } from './priceDesk.ts'

export function priceHandlers(desk: PriceDesk): Pick<CommandHandlers, 'price.list' | 'price.change'> {
  return {
    'price.list': () => desk.list(),
    'price.change': (change, caller) => desk.change(change, actorOf(caller)),
  }
}
