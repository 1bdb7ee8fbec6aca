/** The icon of browser tabs: the product's drop, with colours that stand on light and dark tabs. */
export const iconSvg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#0b7391" d="M16 2.5S5.5 13.6 5.5 20a10.5 10.5 0 0 0 21 0C26.5 13.6 16 2.5 16 2.5z"/><path fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" d="M8.4 21.4c1.7-1.6 3.3-1.6 5 0 2.6 2.6 5.1 2.6 7.7 0 1-1 1.9-1.5 2.8-1.6"/></svg>
`;
