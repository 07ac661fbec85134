// Files that the server makes in the background: exports of lists and printed bills. The job is watched until its file is there,
// then the browser saves it; the list of jobs has it too, for whoever went on with something else.
import { useEffect, useRef, useState } from 'react'
import { Button } from '@mantine/core'
import { useClient } from 'urql'
import { IconDownload, pause, useAct, useSay } from '@aiscra/ui'
import { graphql, type ExportFormat, type ExportList } from '../../gql'
import { save } from '../../lib/client'
import { useT } from '../../lib/i18n'

const startMutation = graphql(`
  mutation ExportStart($input: ExportStartInput!) { exportStart(input: $input) { job { id } errors { code field message } } }
`)
const jobQuery = graphql(`
  query MadeFile($id: ID!) { job(id: $id) { id state done total error file { id name url } } }
`)

/** Watches a job until its file is there and saves it; whoever leaves the screen finds it in the list of jobs. */
export function useMade() {
  const t = useT()
  const say = useSay()
  const client = useClient()
  const [now, setNow] = useState<{ done: number; total: number } | null>(null)
  const here = useRef(true)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
    }
  }, [])
  const watch = async (id: string) => {
    setNow({ done: 0, total: 0 })
    for (;;) {
      const { data, error } = await client.query(jobQuery, { id }, { requestPolicy: 'network-only' }).toPromise()
      if (!here.current) return
      const job = data?.job
      if (error || !job || job.state === 'FAILED' || job.state === 'CANCELLED' || (job.state === 'DONE' && !job.file)) {
        say(t('made.failed'))
        break
      }
      if (job.file) {
        say((await save(job.file.url, job.file.name)) ? t('made.saved', { name: job.file.name }) : t('made.failed'))
        break
      }
      setNow({ done: job.done, total: job.total })
      await pause(700)
    }
    setNow(null)
  }
  return { busy: now !== null, done: now?.done ?? 0, total: now?.total ?? 0, watch }
}

/** For the `exporting` of a table: all rows of the list, by the list's own filters. */
export function useExport(list: ExportList) {
  const act = useAct(startMutation)
  const made = useMade()
  const run = async (format: ExportFormat) => {
    const done = await act.run({ list, format })
    if (done?.job) await made.watch(done.job.id)
  }
  return { busy: act.busy || made.busy, run: (format: ExportFormat) => void run(format) }
}

/** One paper, at once: a bill, a certificate. */
export function PaperButton({ path }: { path: string }) {
  const t = useT()
  const say = useSay()
  const [busy, setBusy] = useState(false)
  const get = async () => {
    setBusy(true)
    if (!(await save(path))) say(t('made.failed'))
    setBusy(false)
  }
  return <Button variant="default" size="xs" leftSection={<IconDownload size={15} />} loading={busy} onClick={() => void get()}>PDF</Button>
}
