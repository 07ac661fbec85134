// Files go over plain HTTP beside GraphQL, with the same token.
import { currentLanguage } from './i18n'
import type { Session } from './session'

export async function fetchFile(session: Session, path: string, init: RequestInit = {}): Promise<Response> {
  await session.ensure()
  return fetch(path, { ...init, headers: { 'Accept-Language': currentLanguage(), ...init.headers, Authorization: `Bearer ${session.access() ?? ''}` } })
}

/** Lets the browser save a file of the server; false when the server refused it or cannot be reached. */
export async function saveFile(session: Session, path: string, name?: string): Promise<boolean> {
  const response = await fetchFile(session, path).catch(() => null)
  if (!response?.ok) return false
  const said = /filename\*=UTF-8''([^;]+)/i.exec(response.headers.get('content-disposition') ?? '')?.[1]
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = name ?? (said ? decodeURIComponent(said) : (path.split('/').at(-1) ?? ''))
  link.click()
  // The browser reads the address after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
  return true
}
