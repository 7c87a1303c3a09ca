/**
 * Texts of a page whose contrast against their ground is below 4.5 to 1 (WCAG 2.2, 1.4.3). Runs in
 * the page, so it stands by itself.
 */
export function lowContrast(): readonly string[] {
  const channels = (colour: string): readonly number[] =>
    (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element: Element): string => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (channels(backgroundColor)[3] !== 0) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) =>
      [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
      ),
    )
    .flatMap((element) => {
      const text = luminance(getComputedStyle(element).color);
      const ground = luminance(groundOf(element));
      const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      return ratio < 4.5 ? [`${ratio.toFixed(2)} ${element.textContent.slice(0, 40)}`] : [];
    });
}
