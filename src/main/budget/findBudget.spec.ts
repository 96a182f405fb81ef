import { expect, it } from 'vitest'
import type { Budget } from '../../shared/domain/budget.ts'
import { AppError } from '../../shared/errors.ts'
import { findBudget } from './findBudget.ts'

const budget = { spent: 7 } as Budget
const budgets = {
  status(agentId: string): Budget {
    if (agentId === 'lg-7a3f9c2d') return budget
    throw agentId === 'xx-00000000' ? new AppError('AGENT_NOT_FOUND', 'There is no agent xx-00000000.') : new Error('an invented defect')
  },
}

it('One budget is found by itself, and none where there is no such agent; a defect stays one', () => {
  expect(findBudget(budgets, 'lg-7a3f9c2d')).toBe(budget)
  expect(findBudget(budgets, 'xx-00000000')).toBeNull()
  expect(() => findBudget(budgets, 'zz-00000000')).toThrow('an invented defect')
})
