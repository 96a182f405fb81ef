import type { AgentId } from '../../shared/domain/agent.ts'
import { LARGEST_BUDGET, parseDollars } from '../../shared/domain/money.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import { requireOwn } from '../access/requireOwn.ts'
import type { EventBus } from '../events/bus.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { ServiceDesk } from './serviceDesk.ts'

export interface ServiceHandlerOptions {
  readonly services: ServiceDesk
  readonly bus: Pick<EventBus, 'latest'>
}

type ServiceCommand =
  | 'service.list'
  | 'service.reset'
  | 'service.declare'
  | 'service.plan'
  | 'service.begin'
  | 'service.end'
  | 'service.served'
  | 'destination.list'
  | 'destination.report'

export function serviceHandlers({ services, bus }: ServiceHandlerOptions): Pick<CommandHandlers, ServiceCommand> {
  const own = (agentId: AgentId, caller: Caller): void => requireOwn(agentId, caller, 'services')
  return {
    'service.list': ({ agentId }) => ({ services: services.list(agentId), seq: bus.latest() }),
    'service.reset': ({ agentId, service, endpoint }) => services.reset(agentId, service, endpoint),
    'service.declare': ({ agentId, service, price, ...said }, caller) => {
      own(agentId, caller)
      return services.declare(agentId, { name: service, ...said, ...(price === undefined ? {} : { pricePerCall: readPrice(price) }) })
    },
    'service.plan': ({ agentId }, caller) => {
      own(agentId, caller)
      return { services: services.plan(agentId) }
    },
    'service.begin': (call, caller) => {
      own(call.agentId, caller)
      return services.begin(call)
    },
    'service.end': (end, caller) => {
      own(end.agentId, caller)
      return services.end(end)
    },
    'service.served': ({ agentId, callId, tier }, caller) => {
      own(agentId, caller)
      services.served(agentId, callId, tier)
      return {}
    },
    'destination.list': ({ agentId }) => ({ destinations: services.destinations(agentId), seq: bus.latest() }),
    'destination.report': ({ agentId, hosts }, caller) => {
      requireOwn(agentId, caller, 'destinations')
      services.reportDestinations(agentId, hosts)
      return {}
    },
  }
}

function readPrice(text: string): number {
  const price = parseDollars(text)
  if (price !== null && price <= LARGEST_BUDGET) return price
  throw new AppError('INVALID_INPUT', `The price is ${JSON.stringify(text)}, but must be an amount in dollars, at most 1000000, such as 0.10.`)
}
