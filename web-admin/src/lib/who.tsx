import { useCodes } from './codes'

/** Whoever acted, by name. */
export function Who({ by }: { by: string | null | undefined }) {
  const { actor } = useCodes()
  return by ? <>{actor(by)}</> : null
}
