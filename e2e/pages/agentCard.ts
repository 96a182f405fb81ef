import type { Locator } from '@playwright/test'

/** One agent's head: what it is, how it is, and what can be done about it. */
export class AgentCard {
  readonly region: Locator

  constructor(region: Locator) {
    this.region = region
  }

  get heading(): Locator {
    return this.region.getByRole('heading', { level: 1 })
  }

  get idButton(): Locator {
    return this.region.getByRole('button', { name: /^Copy id / })
  }

  get lastOutput(): Locator {
    return this.region.getByRole('region', { name: 'Last output' })
  }

  status(word: string): Locator {
    return this.region.getByText(word, { exact: true })
  }

  /** What it runs with is in the way until somebody asks for it. */
  async explain(): Promise<void> {
    const details = this.region.getByRole('button', { name: 'Details' })
    if ((await details.getAttribute('aria-expanded')) !== 'true') await details.click()
  }

  /** A fact of the explained agent by its term: PID, Uptime, Restarts, Budget, … */
  fact(term: string): Locator {
    return this.region.getByRole('definition').and(this.region.locator(`dt:text-is("${term}") + dd`))
  }

  /** Of the process that runs now. */
  async pid(): Promise<number> {
    await this.explain()
    return Number(await this.fact('PID').innerText())
  }

  button(name: 'Stop' | 'Restart' | 'Remove'): Locator {
    return this.region.getByRole('button', { name, exact: true })
  }

  /** Answers the question that a deed raises which cannot be undone. */
  async confirm(action: 'Restart'): Promise<void> {
    await this.region.page().getByRole('alertdialog').getByRole('button', { name: action, exact: true }).click()
  }
}
