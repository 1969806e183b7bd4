"""The checkers of the course's exercises, one file a chapter; `tensorglass.course.check` finds them."""
