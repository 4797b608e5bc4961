module.exports = {
  testEnvironment:        'jsdom',
  roots:                  ['<rootDir>/pkg/croft'],
  testMatch:              ['**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist-pkg', '<rootDir>/pkg/croft/.shell'],
  transform:              { '^.+\\.ts$': ['ts-jest', { isolatedModules: true, tsconfig: { module: 'commonjs', target: 'es2022', esModuleInterop: true } }] },
  moduleNameMapper:       { '^@shell/(.*)$': '<rootDir>/node_modules/@rancher/shell/$1' },
};
