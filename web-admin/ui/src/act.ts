// One act of a person: runs a mutation once at a time and keeps what it answered, refusals included.
import { useCallback, useRef, useState } from 'react'
import { useMutation, type AnyVariables, type CombinedError } from 'urql'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import type { UserError } from './errors'

type PayloadOf<Data> = Data extends Record<string, infer Payload> ? Payload : never

export interface Act<Payload, Input> {
  /** Resolves to the payload when the act was done, to null when it was refused or broken. */
  run(input: Input): Promise<Payload | null>
  busy: boolean
  errors: readonly UserError[]
  broken: CombinedError | undefined
  reset(): void
}

/** For documents of the shape `mutation X($input: XInput!) { x(input: $input) { entity errors { … } } }`. */
export function useAct<Data extends object, Input>(
  document: TypedDocumentNode<Data, { input: Input }>,
): Act<PayloadOf<Data>, Input> {
  const [, execute] = useMutation<Data, AnyVariables>(document as never)
  const [state, setState] = useState<{ busy: boolean; errors: readonly UserError[]; broken?: CombinedError | undefined }>({
    busy: false,
    errors: [],
  })
  const running = useRef(false)
  const run = useCallback(
    async (input: Input) => {
      if (running.current) return null
      running.current = true
      setState({ busy: true, errors: [] })
      const result = await execute({ input } as never)
      running.current = false
      const payload = (result.data ? Object.values(result.data)[0] : null) as (PayloadOf<Data> & { errors?: UserError[] }) | null
      const errors = payload?.errors ?? []
      setState({ busy: false, errors, broken: result.error })
      return result.error || errors.length > 0 ? null : payload
    },
    [execute],
  )
  const reset = useCallback(() => setState({ busy: false, errors: [] }), [])
  return { run, busy: state.busy, errors: state.errors, broken: state.broken, reset }
}

/** A key that names one intention: repeating the request with it changes nothing twice. */
export const newKey = (): string =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
