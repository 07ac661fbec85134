import { useState } from 'react'
import { fetchFile } from './client'
import { useT } from './i18n'

type Answer<Taken> = (Taken & { message?: string; errors?: { message: string }[] }) | null

/** Sends a file as the body of a request, with what the server says to it in the reader's words. */
export function useUpload<Taken>() {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  /** What the server made of the file; nothing when it was refused. */
  const send = async (path: string, file: File): Promise<Taken | null> => {
    setBusy(true)
    setRefused(null)
    const headers = { 'Content-Type': file.type || 'application/octet-stream' }
    const response = await fetchFile(path, { method: 'POST', body: file, headers }).catch(() => null)
    const answer = (await response?.json().catch(() => null)) as Answer<Taken>
    setBusy(false)
    if (response?.ok && answer) return answer
    const said = answer?.message ?? answer?.errors?.[0]?.message
    setRefused(said ?? (response ? t('files.refused', { status: response.status }) : t('files.unreachable')))
    return null
  }
  return { busy, refused, send }
}
