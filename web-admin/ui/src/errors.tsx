import { Alert, List } from '@mantine/core'
import type { CombinedError } from 'urql'
import { useUi } from './i18n'
import { IconAlert } from './icons'

/** What a payload says when the act was refused: a stable code, the input's field, words in the reader's language. */
export interface UserError {
  code: string
  field?: string | null
  message: string
}

/** The refusal of one field of a form. */
export const errorOf = (errors: readonly UserError[] | undefined, field: string): string | undefined =>
  errors?.find((one) => one.field === field)?.message

/** A broken request in the reader's language: what the server said, or that it could not be reached. */
export function useProblem() {
  const t = useUi()
  return (error: CombinedError): string => {
    if (error.networkError) return t('ui.problem.network')
    const first = error.graphQLErrors[0]
    switch (first?.extensions?.code) {
      case 'FORBIDDEN':
        return t('ui.problem.forbidden')
      case 'NOT_FOUND':
        return t('ui.problem.notFound')
      default:
        return first?.message || t('ui.problem.unknown')
    }
  }
}

/** Refusals that belong to no visible field, above the form's buttons. */
export function Refusals({ errors, shown = [] }: { errors: readonly UserError[] | undefined; shown?: string[] }) {
  const rest = (errors ?? []).filter((one) => !one.field || !shown.includes(one.field))
  if (rest.length === 0) return null
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlert />}>
      {rest.length === 1 ? rest[0]!.message : (
        <List size="sm">
          {rest.map((one) => (
            <List.Item key={`${one.code}${one.field}`}>{one.message}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  )
}
