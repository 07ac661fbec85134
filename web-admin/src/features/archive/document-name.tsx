import { Text } from '@mantine/core'
import { useQuery } from 'urql'
import { useFormat } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'

const query = graphql(`
  query DocumentName($id: ID!) { node(id: $id) { ... on Document { id number issuedOn } } }
`)

/** The paper behind a fact that only tells its id, for whoever may see papers. */
export function DocumentName({ id }: { id: string }) {
  const t = useT()
  const format = useFormat()
  const may = useCan()('DOCUMENT_READ')
  const [result] = useQuery({ query, variables: { id }, pause: !may })
  const found = result.data?.node
  if (!found || !('number' in found)) return null
  return <Text size="xs" c="dimmed">{t('imbalance.paper', { number: paperNumber(found.number), date: format.shortDate(found.issuedOn) })}</Text>
}
