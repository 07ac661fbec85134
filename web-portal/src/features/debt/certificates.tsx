// Certificates of no debt: asked for and got at once, if nothing is overdue.
import { useState } from 'react'
import { Button, Group, Paper, Text, Title } from '@mantine/core'
import { useQuery } from 'urql'
import { Chip, IconDownload, Problem, Refusals, useAct, useFormat, usePages, useSay } from '@aiscra/ui'
import { graphql } from '../../gql'
import { save } from '../../lib/client'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Certificates($after: String) {
    me { id account { id certificates(first: 10, after: $after) { nodes { id number on code withdrawnAt paperPath } pageInfo { hasNextPage endCursor } } } }
  }
`)
const mine = graphql(`
  query CertificateAccount { me { id account { id } } }
`)
const issue = graphql(`
  mutation CertificateIssue($input: CertificateIssueInput!) { certificateIssue(input: $input) { certificate { id number paperPath } errors { code field message } } }
`)

export function Certificates() {
  const t = useT()
  const say = useSay()
  const format = useFormat()
  const [busy, setBusy] = useState<string | null>(null)
  const act = useAct(issue)
  const pages = usePages(query, {}, (data) => data.me.account.certificates)
  const [{ data }] = useQuery({ query: mine })
  const account = data?.me.account.id
  const get = async (path: string) => {
    setBusy(path)
    if (!(await save(path))) say(t('billing.noPdf'))
    setBusy(null)
  }
  const ask = async () => {
    const done = account ? await act.run({ accountId: account }) : null
    if (!done?.certificate) return
    pages.refresh()
    await get(done.certificate.paperPath)
  }
  return (
    <Paper withBorder p="md" mt="md" component="section" aria-label={t('certificate.title')}>
      <Title order={2} fz="md" mb={6}>{t('certificate.title')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{t('certificate.text')}</Text>
      <Button size="sm" variant="default" loading={act.busy} disabled={!account} onClick={() => void ask()}>{t('certificate.get')}</Button>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      {pages.error && <Problem error={pages.error} retry={pages.refresh} />}
      {pages.rows.map((row) => (
        <Group key={row.id} justify="space-between" wrap="nowrap" mt="sm">
          <div>
            <Text size="sm" fw={600} className="tab">№ {row.number}</Text>
            <Text size="xs" c="dimmed" className="tab">{format.shortDate(row.on)} · {row.code}</Text>
          </div>
          {row.withdrawnAt
            ? <Chip tone="bad">{t('certificate.withdrawn')}</Chip>
            : <Button size="xs" variant="subtle" leftSection={<IconDownload size={16} />} loading={busy === row.paperPath} onClick={() => void get(row.paperPath)}>PDF</Button>}
        </Group>
      ))}
    </Paper>
  )
}
