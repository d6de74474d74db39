import { describe, expect, test } from 'vitest';
import { splitObjects } from '../src/task.js';

describe('a list of objects', () => {
  test.each([
    ['English', 'cat, dog; bird'],
    ['the model', 'cat ; dog ; bird'],
    ['a column', 'cat\ndog\r\nbird'],
    ['a spreadsheet', 'cat\tdog\tbird'],
    ['bars', 'cat | dog|bird'],
    ['bullets', '• cat\n• dog\n• bird'],
    ['dots', 'cat · dog·bird'],
    ['Chinese', '猫，狗；鸟'],
    ['Korean', '고양이·개·새'],
    ['Japanese', '猫、犬､鳥'],
    ['Japanese with dots', '猫・犬・鳥'],
    ['full-width bars', '猫｜犬｜鳥'],
    ['vertical and small forms', '猫︑犬﹐鳥'],
    ['Arabic', 'قطة، كلب؛ طائر'],
    ['Persian without spaces', 'گربه،سگ،پرنده'],
    ['Greek', 'γάτα· σκύλος; πουλί'],
    ['Burmese', 'ကြောင်၊ ခွေး၊ ငှက်'],
    ['Amharic', 'ድመት፣ ውሻ፤ ወፍ'],
    ['Mongolian', 'ᠮᠤᠤᠷ᠂ ᠨᠣᠬᠠᠢ᠂ ᠰᠢᠪᠠᠭᠤ'],
    ['N’Ko, Vai and Lisu', 'a߸ b꘍ c'],
    ['lines of every kind', 'cat\u2028dog\u0085bird'],
  ])('is parted as people part it: %s', (_name, words) => {
    expect(splitObjects(words)).toHaveLength(3);
  });

  test.each([
    'paral·lel',
    'COL·LECCIÓ',
    '哈利·波特',
    'テディ・ベア',
    'ピーナッツ・バター',
    'red car',
    'rouge-gorge',
    'jack-o’-lantern',
    'TCP/IP',
  ])('of one object stays one: %s', (words) => {
    expect(splitObjects(words)).toEqual([words]);
  });

  test('has no empty objects, and none where there is nothing but separators', () => {
    expect(splitObjects(' ,cat،، ; |\n dog ·')).toEqual(['cat', 'dog']);
    expect(splitObjects(' ،؛、|\n· ')).toEqual([]);
    expect(splitObjects('')).toEqual([]);
  });
});
