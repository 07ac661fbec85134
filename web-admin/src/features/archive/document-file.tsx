import { useState, type FormEvent } from 'react'
import { Alert, Button, FileInput, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { DialogButton, IconDownload, IconImport, useFinish, useFormat, useSay } from '@aiscra/ui'
import type { DocumentsQuery } from '../../gql'
import { save } from '../../lib/client'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { useUpload } from '../../lib/upload'

type Document = DocumentsQuery['documents']['nodes'][number]

/** The file of a document, or the way to attach it. */
export function DocumentFileCell({ document, done }: { document: Document; done: () => void }) {
  const t = useT()
  const can = useCan()
  if (document.file) return <Attached file={document.file} />
  if (!can('DOCUMENT_WRITE')) return <Text size="sm" c="dimmed">—</Text>
  return (
    <DialogButton label={t('archive.attach')} title={t('archive.attachTitle', { number: document.number })} variant="subtle" buttonSize="compact-sm" icon={<IconImport size={14} />}>
      {(close) => <AttachForm id={document.id} close={close} done={done} />}
    </DialogButton>
  )
}

function Attached({ file }: { file: NonNullable<Document['file']> }) {
  const t = useT()
  const format = useFormat()
  const say = useSay()
  const open = async () => {
    if (!(await save(file.url, file.name))) say(t('archive.openFailed'))
  }
  return (
    <div>
      <UnstyledButton className="row-link" onClick={() => void open()} aria-label={t('archive.open', { name: file.name })}>
        <Group gap={4} wrap="nowrap" component="span"><IconDownload size={14} /><Text span size="sm" style={{ overflowWrap: 'anywhere' }}>{file.name}</Text></Group>
      </UnstyledButton>
      <Text size="xs" c="dimmed" className="tab">{t('archive.size', { size: format.count(Math.max(1, Math.round(file.bytes / 1024))) })}</Text>
      <Text size="xs" c="dimmed" ff="monospace" maw={250} style={{ overflowWrap: 'anywhere' }}>{t('archive.hash', { hash: file.sha256 })}</Text>
    </div>
  )
}

function AttachForm({ id, close, done }: { id: string; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const [file, setFile] = useState<File | null>(null)
  const upload = useUpload<{ name: string }>()
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (!file) return
    const taken = await upload.send(`/files/documents/${encodeURIComponent(id)}?${new URLSearchParams({ filename: file.name })}`, file)
    if (taken) finish(t('archive.attached', { name: taken.name }))
  }
  return (
    <form onSubmit={(event) => void send(event)}>
      <Stack>
        <FileInput
          label={t('archive.file')} description={t('archive.attachHint')} placeholder={t('archive.choose')} accept=".pdf,.jpg,.jpeg,.png" clearable clearButtonProps={{ 'aria-label': t('files.clear') }}
          value={file} onChange={setFile} leftSection={<IconImport size={16} />}
        />
        {upload.refused && <Alert color="red" role="alert">{upload.refused}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>{t('common.cancel')}</Button>
          <Button type="submit" loading={upload.busy} disabled={!file}>{t('archive.attach')}</Button>
        </Group>
      </Stack>
    </form>
  )
}
