// Name and mark.
import './brand.css';
import mark from '../../look/mark.svg';

/** @property name what the page belongs to */
export const Brand = ({ name }: { readonly name: string }) => (
  <span class="brand">
    <img src={mark} alt="" width="24" height="24" />
    <span>{name}</span>
  </span>
);
