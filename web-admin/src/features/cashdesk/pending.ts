// A payment on its way: kept in the browser, with its key, before it is sent. Whatever becomes of the line, the page or the
// machine, it is sent again under the same key until the server has said what it is; so no money is taken twice.
import type { CashPayInput } from '../../gql'

export interface Pending {
  input: CashPayInput
  /** For the screen: whose, and how much. */
  shown: { numbers: string[]; cash: string; card: string; change: string }
  at: string
}

const place = (login: string) => `aiscra.cash.pending.${login}`

export function keep(login: string, pending: Pending): void {
  localStorage.setItem(place(login), JSON.stringify(pending))
}

export function kept(login: string): Pending | null {
  try {
    const found = JSON.parse(localStorage.getItem(place(login)) ?? 'null') as Pending | null
    return found?.input?.idempotencyKey ? found : null
  } catch {
    return null
  }
}

export function settled(login: string): void {
  localStorage.removeItem(place(login))
}

/** What an answer says of a payment: it is known what became of it, or it is not and must be asked again. */
export type Heard<Operation> =
  | { is: 'done'; operation: Operation }
  | { is: 'refused'; message: string }
  | { is: 'unknown' }

interface Answer<Operation> {
  data?: { cashPay: { operation?: Operation | null; errors: readonly { code: string; message: string }[] } } | undefined
  error?: { networkError?: unknown; graphQLErrors: readonly { message: string; extensions?: Record<string, unknown> }[] } | undefined
}

/** Refused before anything was done, whatever is tried: these codes are answers. */
const final = ['FORBIDDEN', 'NOT_FOUND', 'BAD_INPUT', 'IDEMPOTENCY_CONFLICT', 'OPERATION_OFF']

export function heard<Operation>(answer: Answer<Operation>): Heard<Operation> {
  const payload = answer.data?.cashPay
  if (payload?.operation) return { is: 'done', operation: payload.operation }
  if (payload && payload.errors.length > 0) return { is: 'refused', message: payload.errors.map((one) => one.message).join(' ') }
  const first = answer.error?.graphQLErrors[0]
  if (!answer.error?.networkError && first && final.includes(String(first.extensions?.code))) return { is: 'refused', message: first.message }
  return { is: 'unknown' }
}
