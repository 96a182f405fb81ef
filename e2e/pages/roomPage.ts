import { expect, type Locator, type Page } from '@playwright/test'
import type { Host } from '../hosts/host.ts'
import { AgentCard } from './agentCard.ts'
import { BudgetNotice } from './budgetNotice.ts'
import { CostPanel } from './costPanel.ts'
import { DemoCard } from './demoCard.ts'
import { LaunchCard } from './launchCard.ts'
import { LogPanel } from './logPanel.ts'
import { PanelPane } from './panelPane.ts'
import { PerformancePanel } from './performancePanel.ts'
import { PresenterStrip } from './presenterStrip.ts'
import { ProtectionPanel } from './protectionPanel.ts'
import { RequestList } from './requestList.ts'
import { SecretsRoom } from './secretsRoom.ts'
import { TerminalPane } from './terminalPane.ts'

/** The control room as its user finds it: by what things are called, not by how they are built. */
export class RoomPage {
  readonly host: Host
  readonly launchCard: LaunchCard

  constructor(host: Host) {
    this.host = host
    this.launchCard = new LaunchCard(host)
  }

  /** A host that started again has a new page. */
  get page(): Page {
    return this.host.page
  }

  get openButton(): Locator {
    return this.page.getByRole('button', { name: 'Open…' })
  }

  get emptyRoom(): Locator {
    return this.page.getByRole('region', { name: 'Start an agent' })
  }

  /** What somebody sees who holds a file above the window. */
  get dropHint(): Locator {
    return this.page.getByText('Drop the script', { exact: true })
  }

  get notices(): Locator {
    return this.page.getByRole('region', { name: 'Notices' }).getByRole('alert')
  }

  get connection(): Locator {
    return this.page.getByRole('banner').getByRole('status')
  }

  get runningCount(): Locator {
    return this.page.getByRole('banner').getByText(/^\s*\d+ running\s*$/)
  }

  get recentScripts(): Locator {
    return this.page.getByRole('region', { name: 'Recent scripts' })
  }

  /** Every agent, in order; it is there as soon as there are two. */
  get agentList(): Locator {
    return this.page.getByRole('navigation', { name: 'Agents' }).getByRole('listitem')
  }

  /** The card in front. */
  get agent(): AgentCard {
    return new AgentCard(this.page.getByRole('region', { name: /^Agent \S+$/ }))
  }

  /** The terminal in front. */
  get terminal(): TerminalPane {
    return new TerminalPane(this.page.getByRole('region', { name: /^Terminal of / }))
  }

  get cost(): CostPanel {
    return new CostPanel(this.page, 'Cost')
  }

  get requests(): RequestList {
    return new RequestList(this.page)
  }

  get live(): PanelPane {
    return new PanelPane(this.page, 'Live metrics')
  }

  get protection(): ProtectionPanel {
    return new ProtectionPanel(this.page, 'Protection')
  }

  get performance(): PerformancePanel {
    return new PerformancePanel(this.page, 'Performance')
  }

  get log(): LogPanel {
    return new LogPanel(this.page, 'Event log')
  }

  get notifications(): PanelPane {
    return new PanelPane(this.page, 'Notifications')
  }

  get secrets(): SecretsRoom {
    return new SecretsRoom(this.page)
  }

  get demoCard(): DemoCard {
    return new DemoCard(this.page)
  }

  get presenter(): PresenterStrip {
    return new PresenterStrip(this.page)
  }

  get budgetNotice(): BudgetNotice {
    return new BudgetNotice(this.page)
  }

  async isOpen(): Promise<void> {
    await expect(this.openButton).toBeEnabled()
  }

  /** Drags a file in from outside and lets go of it above the window, the way an operating system does it. */
  async drop(path: string): Promise<void> {
    await this.host.knowFile(path)
    const { width, height } = await this.page.evaluate(() => ({ width: innerWidth, height: innerHeight }))
    const wire = await this.page.context().newCDPSession(this.page)
    const data = { items: [], files: [path], dragOperationsMask: 1 }
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<unknown> => wire.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data })
    await drag('dragEnter')
    await drag('dragOver')
    await expect(this.dropHint).toBeVisible()
    // The page may have been laid out anew between the last movement and the hint.
    await drag('dragOver')
    await drag('drop')
    await expect(this.dropHint).toBeHidden()
    await wire.detach()
  }

  async open(path: string): Promise<void> {
    await this.host.knowFile(path)
    const choosing = this.page.waitForEvent('filechooser')
    await this.openButton.click()
    await (await choosing).setFiles(path)
  }

  /** Drops a script and starts it as it is offered, or with another budget. */
  async start(path: string, budget?: string): Promise<void> {
    await this.drop(path)
    if (budget !== undefined) await this.launchCard.budget.fill(budget)
    await this.launchCard.start()
  }

  async select(name: string): Promise<void> {
    await this.agentList.filter({ hasText: name }).getByRole('button').click()
    await expect(this.agent.heading).toHaveText(name)
  }
}
