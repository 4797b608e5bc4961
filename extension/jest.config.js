module.exports = {
  testEnvironment:        'jsdom',
  setupFiles:             ['<rootDir>/jest.setup.js'],
  roots:                  ['<rootDir>/pkg/croft'],
  testMatch:              ['**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist-pkg', '<rootDir>/pkg/croft/.shell'],
  transform:              { '^.+\\.ts$': ['ts-jest', { tsconfig: { isolatedModules: true, module: 'commonjs', target: 'es2022', esModuleInterop: true } }] },
  moduleNameMapper:       { '^@shell/(.*)$': '<rootDir>/node_modules/@rancher/shell/$1' },
};
