import { useEffect, useState } from 'react'
import { Alert, Button, Group, Paper, Progress, SimpleGrid, Stack, Text, UnstyledButton } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery, useSubscription } from 'urql'
import {
  Answer, Chip, DialogButton, FormView, PagedTable, Empty, IconBack, IconDownload, IconUndo, PageHead, Problem, Refusals, useAct, useFinish, useForm, useFormat, usePages, type Picked,
} from '@aiscra/ui'
import { graphql, type ImportBatchQuery, type RowVerdict, type SignedAct } from '../../gql'
import { NotFound } from '../../app/not-found'
import { save } from '../../lib/client'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { useAgainWhile } from '../../lib/poll'
import { Awaiting, SecondNeeded } from '../access/signatures'
import { AmendButton } from '../amendments/form'
import { DocumentField } from '../archive/document-field'
import { ImportStateChip, verdictTone, working } from './state'

const batchQuery = graphql(`
  query ImportBatch($id: ID!) {
    importBatch(id: $id) {
      id kind filename state header rowsTotal rowsOk rowsWarning rowsRejected rowsDuplicate rowsCommitted
      errorCode errorMessage uploadedBy uploadedAt committedAt undoneAt
    }
  }
`)

const rowsQuery = graphql(`
  query ImportRows($id: ID!, $verdict: RowVerdict, $after: String) {
    importBatch(id: $id) {
      id
      rows(verdict: $verdict, first: 50, after: $after) {
        nodes { line fields verdict messages { code column message } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

const progress = graphql(`
  subscription ImportProgress($id: ID!) {
    importProgress(id: $id) {
      id state header rowsTotal rowsOk rowsWarning rowsRejected rowsDuplicate rowsCommitted errorCode errorMessage committedAt undoneAt
    }
  }
`)

const commitMutation = graphql(`
  mutation ImportCommit($input: ImportCommitInput!) {
    importCommit(input: $input) { importBatch { id state rowsCommitted } errors { code field message } }
  }
`)

const undoMutation = graphql(`
  mutation ImportUndo($input: ImportUndoInput!) {
    importUndo(input: $input) { importBatch { id state } signature { id } errors { code field message } }
  }
`)

type Batch = NonNullable<ImportBatchQuery['importBatch']>
const signed: SignedAct[] = ['IMPORT_UNDO']
const route = getRouteApi('/imports/$id')

export function ImportBatchPage() {
  const { id } = route.useParams()
  const [result, refetch] = useQuery({ query: batchQuery, variables: { id } })
  const batch = result.data?.importBatch
  const live = Boolean(batch && working(batch.state))
  useSubscription({ query: progress, variables: { id }, pause: !live })
  // Live news come by the socket; asking every few seconds covers a socket that cannot open.
  useAgainWhile(live, refetch)
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <Answer result={result} retry={again}>
      {(data) => (data.importBatch ? <BatchView batch={data.importBatch} again={again} /> : <NotFound />)}
    </Answer>
  )
}

function BatchView({ batch, again }: { batch: Batch; again: () => void }) {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const can = useCan()
  const commit = useAct(commitMutation)
  const discard = useAct(undoMutation)
  const [asked, setAsked] = useState(0)
  const right = batch.kind === 'PAYMENTS' || batch.kind === 'BALANCES' ? can('IMPORT_MONEY') : can('IMPORT_COMMIT')
  const good = batch.rowsOk + batch.rowsWarning

  return (
    <>
      <Link className="row-link" to="/imports"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('nav.imports')}</Group></Link>
      <PageHead
        title={batch.filename}
        lead={`${t(`enum.ImportKind.${batch.kind}`)} · ${codes.actor(batch.uploadedBy)} · ${format.dateTime(batch.uploadedAt)}`}
      >
        <ImportStateChip state={batch.state} />
        {batch.rowsRejected > 0 && can('IMPORT_WRITE') && <RejectedDownload batch={batch} />}
        {batch.state === 'CHECKED' && right && (
          <Button loading={commit.busy} disabled={good === 0} onClick={() => void commit.run({ id: batch.id })}>
            {t('imports.commit', { count: format.count(good) })}
          </Button>
        )}
        {batch.state === 'CHECKED' && right && (
          <Button variant="default" loading={discard.busy} onClick={() => void discard.run({ id: batch.id })}>{t('imports.discard')}</Button>
        )}
        {batch.state === 'COMMITTED' && (can('IMPORT_COMMIT') || can('IMPORT_MONEY')) && (
          <DialogButton label={t('imports.undo')} title={t('imports.undoTitle')} icon={<IconUndo size={16} />}>
            {(close) => <UndoForm batch={batch} close={close} done={() => setAsked((now) => now + 1)} />}
          </DialogButton>
        )}
        {batch.state === 'COMMITTED' && can('CORRECTION_WRITE') && (
          <AmendButton preset={{ importId: batch.id }} what={t('amendments.ofImport', { file: batch.filename })} />
        )}
      </PageHead>
      <Stack>
        <Refusals errors={[...commit.errors, ...discard.errors]} />
        {(commit.broken ?? discard.broken) && <Problem error={(commit.broken ?? discard.broken)!} />}
        {batch.state === 'COMMITTED' && <Awaiting key={asked} acts={signed} subject={batch.id} done={again} />}
        {batch.errorCode && <Alert color="red" role="alert" title={t('imports.wholeRefused')}>{batch.errorMessage ?? batch.errorCode}</Alert>}
        {batch.state === 'COMMITTED' && (
          <Alert color="teal" role="status">{t('imports.committed', { count: batch.rowsCommitted })}</Alert>
        )}
        {batch.state === 'UNDONE' && !batch.committedAt && <Alert color="gray" role="status">{t('imports.discarded')}</Alert>}
        {working(batch.state) && <Working batch={batch} />}
        {!working(batch.state) && <Rows batch={batch} />}
      </Stack>
    </>
  )
}

function UndoForm({ batch, close, done }: { batch: Batch; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(undoMutation),
    start: { document: null as Picked | null },
    input: (read) => ({ id: batch.id, documentId: read.picked('document') }),
    done: () => finish(t('signatures.sent')),
  })
  return (
    <FormView form={form} submit={t('imports.undo')} cancel={close} danger>
      <Text size="sm">{t('imports.undoText', { count: batch.rowsCommitted })}</Text>
      <SecondNeeded />
      <DocumentField name="document" required />
    </FormView>
  )
}

function Working({ batch }: { batch: Batch }) {
  const t = useT()
  const format = useFormat()
  const judged = batch.rowsOk + batch.rowsWarning + batch.rowsRejected + batch.rowsDuplicate
  const done = batch.state === 'COMMITTING' ? batch.rowsCommitted : batch.state === 'CHECKING' ? judged : 0
  const total = batch.rowsTotal
  const share = total > 0 ? Math.min(100, (100 * done) / total) : 0
  return (
    <Paper withBorder p="lg" role="status" aria-live="polite">
      <Group justify="space-between" mb={6}>
        <Text fw={600}>{t(`enum.ImportState.${batch.state}`)}</Text>
        <Text size="sm" className="tab">{t('common.of', { done: format.count(done), total: format.count(total) })}</Text>
      </Group>
      <Progress value={done > 0 ? share : 100} animated aria-label={t(`enum.ImportState.${batch.state}`)} />
    </Paper>
  )
}

function Rows({ batch }: { batch: Batch }) {
  const t = useT()
  const format = useFormat()
  const { verdict } = route.useSearch()
  const navigate = route.useNavigate()
  const pages = usePages(rowsQuery, { id: batch.id, verdict: verdict ?? null }, (data) => data.importBatch?.rows)
  const state = batch.state
  useEffect(() => {
    pages.refresh()
    // The verdicts are new once the state has changed.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [state])
  const tiles: [RowVerdict | undefined, string, number][] = [
    [undefined, t('imports.rows'), batch.rowsTotal],
    ['OK', t('imports.tileOk'), batch.rowsOk],
    ['WARNING', t('imports.tileWarning'), batch.rowsWarning],
    ['REJECTED', t('imports.tileRejected'), batch.rowsRejected],
    ['DUPLICATE', t('imports.tileDuplicate'), batch.rowsDuplicate],
  ]
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 5 }} spacing="sm">
        {tiles.map(([value, label, count]) => (
          <UnstyledButton
            key={label} aria-pressed={verdict === value}
            onClick={() => void navigate({ search: value ? { verdict: value } : {}, replace: true })}
          >
            <Paper withBorder p="sm" style={verdict === value ? { borderColor: 'var(--mark)', boxShadow: '0 0 0 1px var(--mark)' } : {}}>
              <Text size="xs" c="dimmed">{label}</Text>
              <Text fw={700} fz="xl" className="tab">{format.count(count)}</Text>
            </Paper>
          </UnstyledButton>
        ))}
      </SimpleGrid>
      <Paper withBorder>
        <PagedTable
          caption={t('imports.rowsCaption')} pages={pages} rowKey={(row) => String(row.line)}
          empty={<Empty title={t('imports.noRows')} />}
          columns={[
            { key: 'line', head: t('imports.line'), numeric: true, width: 70, cell: (row) => row.line },
            {
              key: 'verdict', head: t('imports.verdict'),
              cell: (row) => (
                <div>
                  <Chip tone={verdictTone[row.verdict] ?? 'plain'}>{t(`enum.RowVerdict.${row.verdict}`)}</Chip>
                  {row.messages.map((one, index) => (
                    <Text key={index} size="xs" mt={2}>{one.column && <Text span size="xs" fw={600}>{one.column}: </Text>}{one.message}</Text>
                  ))}
                </div>
              ),
            },
            ...batch.header.map((head, index) => ({
              key: `${head}${index}`, head, cell: (row: (typeof pages.rows)[number]) => <Text size="xs" className="tab">{row.fields[index] ?? ''}</Text>,
            })),
          ]}
        />
      </Paper>
    </>
  )
}

function RejectedDownload({ batch }: { batch: Batch }) {
  const t = useT()
  const [failed, setFailed] = useState(false)
  const download = async (format: 'xlsx' | 'csv') => {
    const name = batch.filename.replace(/(\.\w+)?$/, `-rejected.${format}`)
    setFailed(!(await save(`/imports/${encodeURIComponent(batch.id)}/rejected.${format}`, name)))
  }
  const words = failed ? t('imports.downloadFailed') : t('imports.download')
  return (
    <Button.Group>
      <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => void download('xlsx')} color={failed ? 'red' : undefined}>{`${words}: XLSX`}</Button>
      <Button variant="default" px="sm" onClick={() => void download('csv')} aria-label={`${words}: CSV`}>CSV</Button>
    </Button.Group>
  )
}
