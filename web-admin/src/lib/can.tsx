import { createContext, useContext, type ReactNode } from 'react'
import type { Permission, ViewerQuery } from '../gql'

export type Viewer = ViewerQuery['viewer']
export const ViewerContext = createContext<Viewer | null>(null)
/** The business date of the server. */
export const TodayContext = createContext('')
export const useToday = (): string => useContext(TodayContext)
export const useViewer = (): Viewer => useContext(ViewerContext)!

/** What is shown follows the rights of the viewer; the server decides again on every call. */
export function useCan(): (permission: Permission) => boolean {
  const viewer = useViewer()
  return (permission) => viewer.permissions.includes(permission)
}

/** Rights that have a part in acts of two people; whoever has none of them sees no request. */
export const signing: readonly Permission[] = ['DEBT_ACCRUE', 'CORRECTION_WRITE', 'CORRECTION_CONFIRM', 'IMPORT_COMMIT', 'IMPORT_MONEY']
export function useSigns(): boolean {
  const viewer = useViewer()
  return signing.some((one) => viewer.permissions.includes(one))
}

export function Can({ do: permission, children }: { do: Permission; children: ReactNode }) {
  return useCan()(permission) ? <>{children}</> : null
}
