"""The chain: which strikes it holds, how it is loaded, how updates reach it."""
