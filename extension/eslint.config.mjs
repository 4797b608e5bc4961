import globals from 'globals';
import shell from '@rancher/shell/eslint.config.base.mjs';

export default [
  { ignores: ['dist-pkg/**', 'node_modules/**', '**/.shell/**', '*.config.js'] },
  ...shell,
  {
    files:           ['**/*.spec.ts'],
    languageOptions: { globals: globals.jest },
  },
  {
    files: ['pkg/croft/**/*.{ts,vue}'],
    rules: {
      // Only index.ts touches what the shell leaves untyped.
      '@typescript-eslint/no-explicit-any': 'error',
      // TypeScript knows better what is defined.
      'no-undef':                           'off',
      // The folder already has the capability's word.
      'vue/multi-word-component-names':      'off',
    },
  },
];
