import { CircleAlert, Info, TriangleAlert, Wrench } from '@lucide/vue'
import type { Component } from 'vue'
import type { Severity } from '../../shared/domain/event.ts'

/** Blue, yellow, red, as in every log; the word stands beside it. */
export const SEVERITY_TEXT: Readonly<Record<Severity, string>> = {
  DEBUG: 'text-calm',
  INFO: 'text-info',
  WARN: 'text-caution',
  ERROR: 'text-bad',
}

/** What wants to be seen while a hundred others go by. */
export const SEVERITY_ROW: Readonly<Record<Severity, string>> = {
  DEBUG: '',
  INFO: '',
  WARN: 'bg-caution/6',
  ERROR: 'bg-bad/9',
}

export const SEVERITY_ICON: Readonly<Record<Severity, Component>> = { DEBUG: Wrench, INFO: Info, WARN: TriangleAlert, ERROR: CircleAlert }
