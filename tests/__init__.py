"""The tests of Goudwacht, and the harness they stand on."""
