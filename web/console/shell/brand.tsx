// Name and mark.
import './brand.css';
import mark from '../../look/mark.svg';

export const Brand = () => (
  <span class="brand">
    <img src={mark} alt="" width="24" height="24" />
    <span>Resultity Node</span>
  </span>
);
