// The lines of a bill with the corrections that were known on a day, beside those that stand now.
import { useState, type FormEvent } from 'react'
import { Box, Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from 'urql'
import { Answer, DataTable, Empty, Section, useFormat, useUi } from '@aiscra/ui'
import { graphql, type BillStandingQuery } from '../../gql'
import { endOfDay } from '../../lib/days'
import { useT } from '../../lib/i18n'
import { addUp } from '../../lib/sums'

const query = graphql(`
  query BillStanding($id: ID!, $knownAt: DateTime!) {
    bill(id: $id) {
      id
      past: standing(knownAt: $knownAt) { ...Standing }
      present: standing { ...Standing }
    }
  }
  fragment Standing on ChargeLine { service component basis from to volume gross }
`)

type Lines = NonNullable<BillStandingQuery['bill']>['present']

export function Standing({ id }: { id: string }) {
  const t = useT()
  const ui = useUi()
  const [knownOn, setKnownOn] = useState('')
  const [bad, setBad] = useState(false)
  const [asked, setAsked] = useState<string | null>(null)
  const look = (event: FormEvent) => {
    event.preventDefault()
    setBad(!knownOn)
    if (knownOn) setAsked(knownOn)
  }
  return (
    <Box className={asked ? '' : 'no-print'}>
      <Section title={t('standing.title')}>
        <Stack gap="sm">
          <form noValidate onSubmit={look} className="no-print">
            <Group gap="sm" align="flex-start">
              <TextInput
                type="date" label={t('asOf.knownOn')} value={knownOn} required error={bad && ui('ui.form.required')}
                onChange={(event) => { setKnownOn(event.currentTarget.value); setBad(false) }}
              />
              <Button type="submit" variant="default" mt={22}>{t('asOf.look')}</Button>
            </Group>
          </form>
          {asked && <Found key={asked} id={id} knownOn={asked} />}
        </Stack>
      </Section>
    </Box>
  )
}

function Found({ id, knownOn }: { id: string; knownOn: string }) {
  const t = useT()
  const format = useFormat()
  const [result, refetch] = useQuery({ query, variables: { id, knownAt: endOfDay(knownOn) }, requestPolicy: 'network-only' })
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={3}>
      {({ bill }) => bill && (
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg" style={{ alignItems: 'start' }}>
          <Side title={t('standing.past', { date: format.date(knownOn) })} lines={bill.past} />
          <Side title={t('standing.present')} lines={bill.present} />
        </SimpleGrid>
      )}
    </Answer>
  )
}

function Side({ title, lines }: { title: string; lines: Lines }) {
  const t = useT()
  const format = useFormat()
  const rows = lines.map((line, at) => ({ ...line, at }))
  return (
    <div role="group" aria-label={title}>
      <Text component="h3" fw={600} fz="sm" m={0} mb={6}>{title}</Text>
      <DataTable
        caption={title} rows={rows} rowKey={(row) => String(row.at)} empty={<Empty title={t('billing.noLines')} />}
        columns={[
          {
            key: 'service', head: t('billing.service'),
            cell: (row) => (
              <div>
                {t(`enum.Service.${row.service}`)}
                <Text size="xs" c="dimmed">{t(row.component === 'CHARGE' ? `enum.Basis.${row.basis}` : `enum.Component.${row.component}`)}</Text>
              </div>
            ),
          },
          { key: 'days', head: t('billing.days'), cell: (row) => <span className="tab">{`${format.shortDate(row.from)} – ${format.shortDate(row.to)}`}</span> },
          { key: 'volume', head: t('billing.volume'), numeric: true, cell: (row) => format.volume(row.volume) },
          { key: 'gross', head: t('billing.gross'), numeric: true, cell: (row) => format.money(row.gross), total: format.money(addUp(rows.map((row) => row.gross))) },
        ]}
      />
    </div>
  )
}
