import { useId, useState } from 'react'
import { useUi, type UiKey } from './i18n'
import { useFormat, type Format } from './format'
import { IconChevron } from './icons'

/** One step of how an amount came about: words and source come from the server in the reader's language. */
export interface Explained {
  kind: string
  label: string
  value: string
  unit: string
  source?: string | null
  children?: readonly Explained[]
}

// Values that are codes of a rule rather than numbers.
const codes: Record<string, UiKey> = {
  half_up: 'ui.code.halfUp', half_even: 'ui.code.halfEven', down: 'ui.code.down', whole: 'ui.code.whole', marginal: 'ui.code.marginal',
}

/** A value of the tree with its unit. */
export function measured(format: Format, t: ReturnType<typeof useUi>, value: string, unit: string): string {
  const share = /^(\d+)\/(\d+)$/.exec(value)
  if (share) return t(unit === 'DAYS' ? 'ui.unit.daysOf' : 'ui.unit.partOf', { part: share[1], whole: share[2] })
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return format.shortDate(value)
  if (/^\d{4}-\d{2}$/.test(value)) return format.period(value)
  if (value in codes) return t(codes[value]!)
  if (!/^-?\d+(\.\d+)?$/.test(value)) return value
  switch (unit) {
    case 'TENGE':
      return format.money(value)
    case 'TENGE_PER_M3':
      return t('ui.unit.tengePerM3', { value: format.price(value) })
    case 'M3':
      return format.volume(value)
    case 'PEOPLE':
      return t('ui.unit.persons', { count: Number(value) })
    case 'DAYS':
      return t('ui.unit.days', { count: Number(value) })
    case 'SOTKA':
      return t('ui.unit.sotkas', { value: format.decimal(value) })
    case 'MM':
      return t('ui.unit.mm', { value: format.decimal(value) })
    case 'METERS_PER_SECOND':
      return t('ui.unit.metersPerSecond', { value: format.decimal(value) })
    case 'PERCENT':
      return `${format.decimal(value)}\u00a0%`
    default:
      return format.decimal(value)
  }
}

function Step({ node, depth, openTo }: { node: Explained; depth: number; openTo: number }) {
  const t = useUi()
  const format = useFormat()
  const [open, setOpen] = useState(depth < openTo)
  const id = useId()
  const children = node.children ?? []
  const words = (
    <span className="explain-label">
      {node.label}
      {node.source && <span className="explain-source">{node.source}</span>}
    </span>
  )
  return (
    <li data-kind={node.kind}>
      <div className="explain-row">
        {children.length > 0 ? (
          <button type="button" className="explain-toggle" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <IconChevron size={11} strokeWidth={3} />
            {words}
          </button>
        ) : words}
        <span className="explain-value">{measured(format, t, node.value, node.unit)}</span>
      </div>
      {children.length > 0 && (
        <ul className="explain" id={id} hidden={!open}>
          {children.map((child, index) => (
            <Step key={index} node={child} depth={depth + 1} openTo={openTo} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** An amount opened down to its sources: rule, tariff, readings, residents, rounding. */
export function ExplainTree({ tree, openTo = 2 }: { tree: Explained; openTo?: number }) {
  return (
    <ul className="explain" data-testid="explain">
      <Step node={tree} depth={0} openTo={openTo} />
    </ul>
  )
}
