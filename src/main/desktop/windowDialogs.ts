import { dialog, type BrowserWindow } from 'electron'

/** What is put to whoever sits in front of the window; no is what happens when nobody says anything. */
export interface WindowQuestion {
  readonly message: string
  readonly detail: string
  readonly yes: string
  readonly no: string
}

/** Whether the answer is yes; a question that is withdrawn is answered with no. */
export async function askInWindow(window: BrowserWindow, { message, detail, yes, no }: WindowQuestion, withdrawn?: AbortSignal): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message,
    detail,
    buttons: [yes, no],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
    ...(withdrawn && { signal: withdrawn }),
  })
  return response === 0
}

export async function tellInWindow(window: BrowserWindow, message: string, detail: string): Promise<void> {
  await dialog.showMessageBox(window, { type: 'error', message, detail, buttons: ['OK'], noLink: true })
}
