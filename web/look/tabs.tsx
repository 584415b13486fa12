// The views of a page, as links: each has an address of its own and can be opened, kept and gone back to.
import './tabs.css';

export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly href: string;
}

interface TabsProps {
  /** What they are, for those who hear the page. */
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly current: string;
}

export const Tabs = ({ label, tabs, current }: TabsProps) => (
  <nav class="tabs" aria-label={label}>
    <ul>
      {tabs.map(({ id, title, href }) => (
        <li key={id}>
          <a href={href} aria-current={id === current ? 'page' : undefined}>
            {title}
          </a>
        </li>
      ))}
    </ul>
  </nav>
);
