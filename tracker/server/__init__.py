"""The backend: keeps what was proven, and shows it as the Work Diary."""
