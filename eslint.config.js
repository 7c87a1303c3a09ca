import tseslint from 'typescript-eslint';

export default tseslint.config(
  // Kernels are AssemblyScript, which its own compiler checks.
  { ignores: ['dist/', 'node_modules/', 'demo/', 'src/matting/kernels/assembly/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['*.js', 'bin/*.js', 'bench/*.js', 'src/matting/kernels/*.js'],
        },
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
  {
    files: ['*.config.{js,ts}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    // Pixel kernels index typed arrays within bounds that their loops prove; a check a pixel would cost a frame.
    files: ['src/matting/**', 'fixtures/**', 'test/matting/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['bin/*.js', 'bench/*.js', 'src/matting/kernels/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
  },
);
