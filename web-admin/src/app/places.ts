// The sections of the office, each with the right that shows it.
import { IconAccount, IconBill, IconDocument, IconEdit, IconImport, IconJob, IconMeter, IconPeriod, IconPicture, IconSearch, IconSwitch, IconTariff, IconUndo, IconUsers, IconWallet } from '@aiscra/ui'
import type { Permission } from '../gql'
import { signing } from '../lib/can'
import type { Key } from '../lib/i18n'

export const places: { to: '/picture' | '/cash' | '/accounts' | '/readings' | '/imports' | '/periods' | '/imbalance' | '/corrections' | '/amendments' | '/signatures' | '/debt' | '/channels' | '/desks' | '/reconciliation' | '/tariffs' | '/scenarios' | '/documents' | '/jobs' | '/audit' | '/users' | '/operations'; label: Key; icon: typeof IconAccount; permission: Permission | readonly Permission[] }[] = [
  { to: '/picture', label: 'nav.picture', icon: IconPicture, permission: 'STATS_READ' },
  { to: '/cash', label: 'nav.cash', icon: IconWallet, permission: 'CASHDESK_WORK' },
  { to: '/accounts', label: 'nav.accounts', icon: IconAccount, permission: 'ACCOUNT_READ' },
  { to: '/readings', label: 'nav.readings', icon: IconMeter, permission: 'READING_READ' },
  { to: '/imports', label: 'nav.imports', icon: IconImport, permission: ['IMPORT_WRITE', 'IMPORT_READ'] },
  { to: '/periods', label: 'nav.periods', icon: IconPeriod, permission: 'LEDGER_READ' },
  { to: '/imbalance', label: 'nav.imbalance', icon: IconMeter, permission: 'IMBALANCE_READ' },
  { to: '/corrections', label: 'nav.corrections', icon: IconUndo, permission: ['CORRECTION_WRITE', 'CORRECTION_CONFIRM', 'LEDGER_READ'] },
  { to: '/amendments', label: 'nav.amendments', icon: IconUndo, permission: ['CORRECTION_WRITE', 'CORRECTION_CONFIRM', 'LEDGER_READ'] },
  { to: '/signatures', label: 'nav.signatures', icon: IconEdit, permission: signing },
  { to: '/debt', label: 'nav.debt', icon: IconWallet, permission: 'DEBT_READ' },
  { to: '/channels', label: 'nav.channels', icon: IconSwitch, permission: 'CHANNEL_READ' },
  { to: '/desks', label: 'nav.desks', icon: IconBill, permission: ['CASHDESK_READ', 'CASHDESK_OVERSEE'] },
  { to: '/reconciliation', label: 'nav.reconciliation', icon: IconBill, permission: 'RECONCILE_READ' },
  { to: '/tariffs', label: 'nav.tariffs', icon: IconTariff, permission: 'TARIFF_READ' },
  { to: '/scenarios', label: 'nav.scenarios', icon: IconPicture, permission: 'SCENARIO_READ' },
  { to: '/documents', label: 'nav.documents', icon: IconDocument, permission: 'DOCUMENT_READ' },
  { to: '/jobs', label: 'nav.jobs', icon: IconJob, permission: 'JOB_READ' },
  { to: '/audit', label: 'nav.audit', icon: IconSearch, permission: 'AUDIT_READ' },
  { to: '/users', label: 'nav.users', icon: IconUsers, permission: 'USER_READ' },
  { to: '/operations', label: 'nav.operations', icon: IconSwitch, permission: 'OPERATION_SWITCH' },
]

/** Whether one of the rights of a section is among these. */
export const opens = (place: (typeof places)[number], rights: readonly Permission[]): boolean =>
  [place.permission].flat().some((one) => rights.includes(one))
